/* The page's files as they are, each kind between two symbols. An assembler copies 5 MB in no time; a compiler would not. */
    .macro begin name
    .global atelier_page_\name
atelier_page_\name:
    .endm
    .macro end name
    .global atelier_page_\name\()_end
atelier_page_\name\()_end:
    .byte 0
    .endm
    .macro piece folder, file
    .incbin "\folder/\file"
    .endm

    .section .rodata
    begin html
    piece PAGE, report.html
    end html

    begin css
    piece PAGE, report.css
    end css

/* One script: what a file uses at once lies in a file before it. Views stand in the page in this order. */
    begin js
    piece PAGE, tools.js
    piece PAGE, state.js
    piece PAGE, colours.js
    piece PAGE, views.js
    piece PAGE, pictures.js
    piece PAGE, plots.js
    piece PAGE, summary.js
    piece PAGE, samples.js
    piece PAGE, table.js
    piece PAGE, parallel.js
    piece PAGE, front.js
    piece PAGE, importance.js
    piece PAGE, slices.js
    piece PAGE, evaluation.js
    piece PAGE, curves.js
    piece PAGE, workers.js
    piece PAGE, differences.js
    piece PAGE, failures.js
    piece PAGE, commands.js
    piece PAGE, start.js
    end js

    begin plotly
    .incbin PLOTLY_JS
    end plotly
    .section .note.GNU-stack, "", %progbits

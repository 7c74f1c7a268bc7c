/* The page's files as they are, each between two symbols. An assembler copies 5 MB in no time; a compiler would not. */
    .macro asset name, file
    .global atelier_page_\name
    .global atelier_page_\name\()_end
atelier_page_\name:
    .incbin "\file"
atelier_page_\name\()_end:
    .byte 0
    .endm

    .section .rodata
    asset html, REPORT_HTML
    asset css, REPORT_CSS
    asset js, REPORT_JS
    asset plotly, PLOTLY_JS
    .section .note.GNU-stack, "", %progbits

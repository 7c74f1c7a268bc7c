#!/bin/sh
# Makes small inputs with one version of the program, to be kept beside this script in a folder of its own: later
# versions must read, resume and report them (tests/launch/kept_inputs.h names the folders that the tests visit).
#
#     tests/data/make_kept_inputs.sh BIN FOLDER     e.g. build/release/bin tests/data/before_records
#
# BIN holds `atelier` and `atelier-engine`. In text files @ROOT@ stands for the folder where they were made; the tests
# put their own there. FOLDER/VERSION says which version made them. before_records: df58695, the last version whose
# names of files, states and keys stood in each library that used them.
set -eu
bin=$(cd "$1" && pwd)
mkdir -p "$2"
kept=$(cd "$2" && pwd)
rm -rf "${kept:?}"/*
work=/tmp/atelier-kept-inputs  # Always here: the identity of a trial has the folder of "random" weights in it.
mkdir "$work"
trap 'rm -rf "$work"' EXIT
cd "$work"
PATH=$bin:$PATH
export OMP_NUM_THREADS=1
atelier --version > VERSION

# Pictures of our own: a disc or a bar on a slope of colour, drawn by ffmpeg's expressions.
draw() {  # FILE RED GREEN BLUE SHAPE
  mkdir -p "$(dirname "$1")"
  ffmpeg -v error -y -f lavfi -i "nullsrc=s=32x32,format=rgb24,geq=r='$2':g='$3':b='if($5,220,$4)'" -frames:v 1 -bitexact "$1"
}
for i in 1 2 3 4; do
  disc="lt(hypot(X-8-3*$i,Y-16),6+$i)"
  bar="between(X,4*$i,4*$i+5)"
  draw pictures/photos/p$i.png "4*X+20*$i" "5*Y" "100+3*X" "$disc"
  draw pictures/drawn/p$i.png "64*floor(X/16)+20*$i" "80*floor(Y/16)" "120" "$disc"
  draw pictures/anime/a$i.png "60*$i" "40+60*floor(Y/8)" "200-30*$i" "$bar"
done

cat > recipe.toml <<'END'
name = "kept"
seed = 1
[set.photos]
inputs = ["pictures/photos"]
truth = "pictures/drawn"
size = 32
val = 0.5
[set.anime]
inputs = ["pictures/anime"]
size = 32
val = 0.5
smooth = true
encoding = "png"
END
atelier pack recipe.toml --out data

# A training, stopped after its checkpoint at step 4 by a signal.
cat > training.toml <<'END'
name = "training"
[data]
photos = "data/photos"
anime = "data/anime"
crop = 32
batch = 1
[generator]
width = 2
blocks = 1
[discriminator]
width = 2
[features]
network = "vgg16"
weights = "random"
preprocess = "imagenet"
cache = "off"
[loss]
content = { weight = 1.0, layer = "conv1_2" }
style = { weight = 1.0, layers = ["conv1_2"] }
[evaluate]
content_layer = "conv2_1"
style_layers = ["conv1_1"]
pooled_layer = "conv2_1"
[train]
steps = 30
[record]
metrics_every = 1
checkpoint_every = 4
keep = 1
samples = 1
tensorboard = false
END
atelier train training.toml --out training > /dev/null 2>&1 & pid=$!
until [ -d training/checkpoints/00000004 ]; do kill -0 $pid; sleep 0.02; done
kill -TERM $pid
wait $pid || [ $? -eq 130 ]

# Sweeps of a function: two seeds a setting, one setting enqueued, most trials pruned. The second was stopped twice:
# by its time limit, and by a kill, which leaves a trial claimed.
cat > function.toml <<'END'
kind = "function"
name = "f"
[function]
name = "sphere"
dimensions = 2
steps = 4
noise = 0.1
END
function_sweep() {  # NAME TRIALS
  cat <<END
name = "$1"
experiment = "function.toml"
minimize = ["value"]
sampler = "tpe"
trials = $2
[space]
"function.x1" = { uniform = [-2.0, 1.0] }
"function.x2" = { choice = [0.5, 1.0, 1.5] }
[prune]
kind = "asha"
min = 1
max = 4
factor = 2
[trial]
seeds = 2
END
}
function_sweep finished 4 > finished.toml
atelier sweep finished.toml --out finished > /dev/null 2>&1
atelier sweep finished.toml --out finished --enqueue function.x1=0.25 --enqueue function.x2=0.5 > /dev/null
atelier sweep finished.toml --out finished > /dev/null 2>&1

function_sweep halted 10 > halted.toml
printf '[set]\nfunction.seconds = 0.1\n' >> halted.toml
atelier sweep halted.toml --out halted --time-limit 1200ms > /dev/null 2>&1 || [ $? -eq 130 ]  # saves and leaves
atelier sweep halted.toml --out halted > /dev/null 2>&1 & pid=$!
sleep 0.6
kill -KILL $pid  # leaves a trial claimed
wait $pid || true
atelier sweep halted.toml --out halted --enqueue function.x1=0.25 --enqueue function.x2=0.5 > /dev/null

# A sweep of a program of the user's own: the second trial fails, the third has yet to be run.
cat > command.toml <<'END'
name = "command"
command = ["sh", "-c", "test $1 != 2 || { echo no luck >&2; exit 3; }; echo '{\"step\": 1, \"value\": '$1'}'", "sh", "{x}"]
minimize = ["value"]
sampler = "grid"
[space]
x = { choice = [1, 2, 3] }
[trial]
retries = 1
END
atelier sweep command.toml --out command --only 0,1 > /dev/null 2>&1 || true

# A sweep of trainings: one has ended, one was stopped on its way.
cat > trainings.toml <<'END'
name = "trainings"
experiment = "training.toml"
minimize = ["eval.content"]
sampler = "grid"
[space]
"loss.content.weight" = { choice = [1.0, 2.0] }
[set]
train.steps = 12
END
atelier sweep trainings.toml --out trainings --only 0 > /dev/null 2>&1
atelier sweep trainings.toml --out trainings > /dev/null 2>&1 & pid=$!
until [ -d trainings/trials/000001/checkpoints/00000004 ]; do kill -0 $pid; sleep 0.01; done
kill -TERM $pid
wait $pid || [ $? -eq 130 ]

for sweep in finished halted command trainings; do atelier status $sweep --json > $sweep.status.json; done
grep -rlIF "$work" . | while read -r file; do sed -i "s#$work#@ROOT@#g" "$file"; done
cp -R . "$kept"
du -sh "$kept"

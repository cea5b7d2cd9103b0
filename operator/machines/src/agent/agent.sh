#!/bin/sh
# Hookgate's part on a machine: what has to happen there in one piece, or without a connection.
#
# Called as `sh agent-DIGEST.sh VERB ...` in the user's home folder. Paths and arguments of hooks never stand in a
# command line that a shell reads: they come through standard input, and `xargs -0` makes arguments of them.
#
# The folder of a run, .hookgate/runs/ID:
#   arguments    the script's path and its arguments, each ended by a NUL
#   claimed/     whoever makes it starts the run; nobody else ever does
#   begun/       whoever makes it decides: the hook's process, that the hook begins, or `end`, that it never will
#   process      the hook's process: its number, when it started, and in which boot
#   output.N     the output, in pieces of at most 16 MiB, of which the last three stay: the very last may be empty
#   drained/     no more output will come
#   exit-N       the hook ended with this status; made by renaming `result`, which needs no space on the disk
set -u
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
self=$0
verb=$1
shift
newline='
'

fail() {
  echo "$1" >&2
  exit "${2:-1}"
}

# The fields of a process from its state on: field 3 of proc(5) is the first. A name may hold anything, so that only what
# follows the last parenthesis counts.
fields_of() {
  line=
  { read -r line <"/proc/$1/stat"; } 2>/dev/null
  echo "${line##*) }"
}

# When a process started, in clock ticks since the boot: field 22.
start_of() {
  # shellcheck disable=SC2046 # fields
  set -- $(fields_of "$1")
  [ $# -ge 20 ] || return 1
  shift 19
  echo "$1"
}

boot() {
  read -r id </proc/sys/kernel/random/boot_id && echo "$id"
}

# Whether the hook of a run is alive: the same process, not another one of the same number, and no zombie.
alive() {
  [ -f "$1/process" ] || return 1
  read -r process started booted <"$1/process" || return 1
  [ "$booted" = "$(boot)" ] && [ "$(start_of "$process")" = "$started" ] || return 1
  case $(fields_of "$process") in
  [ZX]*) return 1 ;;
  esac
}

# Sends a signal to every process of the hook's session; fails when there is none but zombies.
signal_session() {
  sent=
  for folder in /proc/[0-9]*; do
    # shellcheck disable=SC2046 # state, parent, group, session
    set -- "$1" "$2" $(fields_of "${folder#/proc/}")
    [ $# -ge 6 ] && [ "$6" = "$1" ] || continue
    case $3 in [ZX]*) continue ;; esac
    kill "-$2" "${folder#/proc/}" 2>/dev/null && sent=yes
  done
  [ -n "$sent" ]
}

# The digests of files, a line each; fails when one of them can't be read. A name that has a backslash or a line break in
# it makes sha256sum put a backslash before the digest; where it doesn't, there are more lines than files.
digests_of() {
  digests=$(sha256sum -- "$@" 2>/dev/null) || return 1
  digests=$(printf '%s\n' "$digests" | while read -r digest _; do echo "${digest#\\}"; done)
  [ "$(echo "$digests" | wc -l)" -eq $# ] && echo "$digests"
}

# Whether all copies are what they should be, by one program for all of them: COPY DESTINATION MODE DIGEST for each.
verified() {
  wanted=
  left=$#
  while [ "$left" -ge 4 ]; do
    wanted="$wanted${wanted:+$newline}$4"
    set -- "$@" "$1"
    shift 4
    left=$((left - 4))
  done
  [ "$(digests_of "$@")" = "$wanted" ]
}

# Gives those copies their mode that are to have this one: MODE, then COPY DESTINATION MODE DIGEST for each.
give_mode() {
  mode=$1
  shift
  left=$#
  while [ "$left" -ge 4 ]; do
    [ "$3" != "$mode" ] || set -- "$@" "$1"
    shift 4
    left=$((left - 4))
  done
  chmod "$mode" -- "$@"
}

# Moves the last so many paths into a folder: FOLDER NUMBER PATH...
move_last() {
  [ "$2" -gt 0 ] || return 0
  target=$1
  number=$2
  shift 2
  shift $(($# - number))
  mv -f -t "$target" -- "$@"
}

folder_of() {
  case $1 in
  *[!0-9a-f]* | '') fail "$1 is not the name of a run" 64 ;;
  esac
  echo ".hookgate/runs/$1"
}

# One word for how far a run is, and what belongs to it.
state_of() {
  for result in "$1"/exit-*; do
    [ -e "$result" ] && echo "exited ${result##*/exit-}" && return
  done
  if [ -d "$1/begun" ]; then
    if [ ! -e "$1/process" ]; then
      # Somebody was quicker than the hook's process, which is written down before it begins.
      echo never
    elif alive "$1"; then
      uptime=
      { read -r uptime _ </proc/uptime; } 2>/dev/null
      case ${uptime%%.*} in
      '' | *[!0-9]*) echo running ;;
      # Where a container has an uptime of its own this may be negative.
      *) echo "running $((${uptime%%.*} - started / 100))" ;;
      esac
    else
      # Its supervisor may be about to note how it ended.
      echo gone
    fi
  elif [ -d "$1/claimed" ]; then
    echo claimed
  else
    echo absent
  fi
}

# The first and last piece of the output that are there.
pieces_of() {
  oldest=
  newest=0
  for piece in "$1"/output.*; do
    number=${piece##*.}
    case $number in *[!0-9]*) continue ;; esac
    [ -n "$oldest" ] && [ "$oldest" -le "$number" ] || oldest=$number
    [ "$newest" -ge "$number" ] || newest=$number
  done
  : "${oldest:=0}"
}

case $verb in

# Prints a line for each file: its mode and digest, or `absent`; for a path that ends in a slash `folder`, or `absent`. One
# program looks at all files where that works.
check)
  kinds=
  for file in "$@"; do
    shift
    if [ "${file%/}" != "$file" ]; then
      if [ -d "$file" ]; then kinds="$kinds folder"; else kinds="$kinds absent"; fi
    elif [ -f "$file" ] && [ ! -L "$file" ]; then
      kinds="$kinds file"
      set -- "$@" "$file"
    else
      kinds="$kinds absent"
    fi
  done
  modes=
  digests=
  if [ $# -gt 0 ] && modes=$(stat -c %a -- "$@" 2>/dev/null); then
    digests=$(digests_of "$@") || digests=
  fi
  printf '%s\n' "$digests" | for kind in $kinds; do
    if [ "$kind" != file ]; then
      echo "$kind"
    elif [ -n "$digests" ]; then
      read -r digest
      echo "${modes%%"$newline"*} $digest"
      modes=${modes#*"$newline"}
    else
      # One of them can't be read, or is gone.
      if digest=$(sha256sum <"$1" 2>/dev/null) && mode=$(stat -c %a -- "$1"); then
        echo "$mode ${digest%% *}"
      else
        echo absent
      fi
      shift
    fi
  done
  ;;

# Makes folders, each before those in it: MODE FOLDER for each.
make)
  umask 022
  while [ $# -gt 0 ]; do
    parent=${2%/*}/
    [ -d "$parent" ] || mkdir -p -- "$parent" || exit
    [ -d "$2" ] || mkdir -m "$1" -- "$2" || exit
    shift 2
  done
  ;;

# Makes folders, and in each of them the one that copies are written to: ITS NAME, then FOLDER...
folders)
  copies=$1
  shift
  umask 022
  mkdir -p -- "$@" || exit
  umask 077
  for folder in "$@"; do
    shift
    set -- "$@" "${folder%/}/$copies"
  done
  mkdir -p -- "$@" || exit
  # In a folder that everybody may write to, somebody else may have been quicker.
  for folder in "$@"; do
    if [ -L "$folder" ] || [ ! -O "$folder" ]; then
      fail "$folder isn't a folder of this user: remove it" 67
    fi
  done
  ;;

# Moves files into place, when they are what they should be: COPY DESTINATION MODE DIGEST for each.
place)
  # Says which one isn't.
  verified "$@" || for file in "$@"; do
    number=$((${number:-0} + 1))
    case $((number % 4)) in
    1) copy=$file ;;
    2) destination=$file ;;
    0)
      digest=$(sha256sum <"$copy") || exit
      [ "${digest%% *}" = "$file" ] || fail "$destination: the copy has the digest ${digest%% *} instead of $file" 65
      ;;
    esac
  done
  modes=' '
  number=0
  for mode in "$@"; do
    number=$((number + 1))
    [ $((number % 4)) = 3 ] || continue
    case $modes in *" $mode "*) ;; *) modes="$modes$mode " ;; esac
  done
  for mode in $modes; do
    give_mode "$mode" "$@" || exit
  done
  # By one program for those that come one after the other in the same folder.
  left=$#
  together=0
  into=
  while [ "$left" -ge 4 ]; do
    [ ! -d "$2" ] || [ -L "$2" ] || fail "$2 is a folder on the machine: no file can be moved there" 66
    if [ "${2%/*}/" != "$into" ]; then
      move_last "$into" "$together" "$@" || exit
      into=${2%/*}/
      together=0
    fi
    set -- "$@" "$1"
    shift 4
    left=$((left - 4))
    together=$((together + 1))
  done
  move_last "$into" "$together" "$@" || exit
  emptied=
  for copy in "$@"; do
    shift
    [ "${copy%/*}" = "$emptied" ] || set -- "$@" "${copy%/*}"
    emptied=${copy%/*}
  done
  # What the next call moves keeps its folder.
  rmdir -- "$@" 2>/dev/null
  exit 0
  ;;

# Says why nothing can be written to a folder.
explain)
  for folder in "$@"; do
    # A folder of its own: where everybody may write, a file may be somebody's link to another one.
    probe=$folder/.hookgate-probe.$$
    if mkdir -m 700 -- "$probe" 2>&1; then
      { head -c 4096 /dev/zero >"$probe/probe"; } 2>&1
      rm -rf -- "$probe"
    fi
    df -P -k -- "$folder" 2>/dev/null | while read -r device _ _ free _ mounted; do
      [ "$device" = Filesystem ] || echo "$mounted has $free KiB left"
    done
  done
  ;;

# Starts a run, unless it was started before: ID BYTES, the arguments on standard input.
start)
  umask 077
  run=$(folder_of "$1") || exit
  mkdir -p "$run" || exit
  [ ! -d "$run/claimed" ] || { state_of "$run"; exit 0; }
  find .hookgate/runs -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} + 2>/dev/null
  cat >"$run/arguments.$$" || exit
  [ "$(wc -c <"$run/arguments.$$")" -eq "$2" ] || { rm -f "$run/arguments.$$"; fail "the arguments came in part" 65; }
  echo >"$run/result" || exit
  if ! mkdir "$run/claimed" 2>/dev/null; then
    rm -f "$run/arguments.$$"
    state_of "$run"
    exit 0
  fi
  mv -f "$run/arguments.$$" "$run/arguments" || exit
  setsid xargs -0 -x -n 65536 -s "$(($2 + 65536))" sh "$self" supervise "$run" \
    <"$run/arguments" >/dev/null 2>"$run/handing-over" &
  echo started
  ;;

# Keeps a run from being started, unless it was started before: ID.
withdraw)
  umask 077
  run=$(folder_of "$1") || exit
  mkdir -p "$run" || exit
  if mkdir "$run/claimed" 2>/dev/null; then
    mkdir "$run/begun" || exit
    echo never
  else
    state_of "$run"
  fi
  ;;

# Runs the hook in a session of its own, and notes how it ended. It has a session of its own as well, so that a hook which
# ends all of its session doesn't end this.
supervise)
  run=$1
  shift
  mkfifo "$run/pipe" || exit
  sh "$self" keep "$run" <"$run/pipe" >/dev/null 2>&1 &
  umask 022
  setsid sh "$self" become "$run" "$@" </dev/null >"$run/pipe" 2>&1 &
  wait $!
  mv -f "$run/result" "$run/exit-$?"
  ;;

# Becomes the hook, once it is written down which process that is.
become)
  run=$1
  shift
  echo "$$ $(start_of $$) $(boot)" >"$run/process.new" && mv -f "$run/process.new" "$run/process" ||
    fail "the hook was not begun: its process could not be written down" 125
  mkdir "$run/begun" 2>/dev/null || fail "the hook was not begun: it was ended before" 125
  HOOKGATE_RUN=${run##*/}
  export HOOKGATE_RUN
  exec "$@"
  ;;

# Reads what the hook prints, however much that is, and keeps the end of it.
keep)
  run=$1
  number=0
  block=4096
  # What is read at a time counts as a block, however little it is: blocks are large only while much comes, or a piece would
  # be over, and soon gone, after a few hundred lines.
  while dd bs="$block" count=$((16777216 / block)) >"$run/output.$number" 2>/dev/null; do
    [ -s "$run/output.$number" ] || break
    block=4096
    [ "$(wc -c <"$run/output.$number")" -lt 8388608 ] || block=65536
    number=$((number + 1))
    rm -f "$run/output.$((number - 3))"
  done
  # Nothing is left, or the disk is full: a hook that prints must not wait for it.
  cat >/dev/null
  mkdir "$run/drained"
  ;;

# Prints how far a run is, and its output from a place on: ID PIECE OFFSET BYTES. The second line says where the output
# that follows is from, which piece is the last, and whether no more will come.
poll)
  run=$(folder_of "$1") || exit
  state_of "$run"
  drained=no
  [ ! -d "$run/drained" ] || drained=yes
  pieces_of "$run"
  piece=$2
  offset=$3
  if [ "$piece" -lt "$oldest" ]; then
    piece=$oldest
    offset=0
  fi
  echo "$piece $offset $newest $drained"
  if [ -s "$run/output.$piece" ]; then
    { tail -c "+$((offset + 1))" "$run/output.$piece" | head -c "$4"; } 2>/dev/null
  fi
  exit 0
  ;;

# Prints the end of the output: ID BYTES.
end-of-output)
  run=$(folder_of "$1") || exit
  pieces_of "$run"
  {
    [ -d "$run/begun" ] || cat "$run/handing-over"
    number=$oldest
    while [ "$number" -le "$newest" ]; do
      cat "$run/output.$number"
      number=$((number + 1))
    done
  } 2>/dev/null | tail -c "$2"
  ;;

# Ends a run, and prints how far it is then: ID SECONDS, which its processes get to end by themselves. A line `ending` comes
# first, unless the hook had ended before.
end)
  run=$(folder_of "$1") || exit
  if [ -d "$run/claimed" ] && mkdir "$run/begun" 2>/dev/null; then
    echo never
    exit 0
  fi
  if alive "$run"; then
    if signal_session "$process" TERM || alive "$run"; then echo ending; fi
    patience=$2
    while [ "$patience" -gt 0 ] && alive "$run"; do
      sleep 1
      patience=$((patience - 1))
    done
    # What they start while they are ended is not among those that were found.
    rounds=20
    while [ "$rounds" -gt 0 ] && signal_session "$process" KILL; do
      rounds=$((rounds - 1))
    done
  fi
  state_of "$run"
  ;;

*) fail "there is no verb $verb" 64 ;;
esac

#!/bin/sh
# What ipmi_sim asks of its chassis: DIRECTORY get ITEM… | set ITEM VALUE …. The machine is a process.
set -eu
directory=$1
shift
echo "$*" >>"$directory/calls"
verb=$1
shift

on() { [ -f "$directory/machine.pid" ] && kill -0 "$(cat "$directory/machine.pid")" 2>/dev/null; }

if [ "$verb" = get ]; then
  for item; do
    case $item in
      power) if on; then echo power:1; else echo power:0; fi ;;
      boot) echo "boot:$(cat "$directory/boot" 2>/dev/null || echo none)" ;;
      *) echo "$item:0" ;;
    esac
  done
elif [ "$1" = boot ]; then
  echo "$2" >"$directory/boot"
elif [ "$1 $2" = "power 1" ] && ! [ -e "$directory/stuck" ] && ! on; then
  sleep 3600 >/dev/null 2>&1 &
  echo $! >"$directory/machine.pid"
elif [ "$1 $2" = "power 0" ] && on; then
  kill -9 "$(cat "$directory/machine.pid")"
  rm -f "$directory/machine.pid"
fi

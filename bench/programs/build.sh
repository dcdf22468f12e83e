#!/bin/sh -e
# Compiles each program and writes its instructions, one 8-byte slot a line, to NAME.hex beside it.
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object" "$object.bin"' EXIT
for source in *.bpf.c; do
	clang -target bpf -mcpu=v3 -O2 -Wall -Wno-unused-const-variable -c "$source" -o "$object"
	llvm-objcopy -O binary --only-section=xdp "$object" "$object.bin"
	od -An -v -tx1 -w8 "$object.bin" | tr -d ' ' > "${source%.bpf.c}.hex"
done
# What runs in a machine is used as the object that clang makes.
for source in machine/*.bpf.c; do
	clang -target bpf -mcpu=v3 -O2 -g -Wall -I"/usr/include/$(uname -m)-linux-gnu" -c "$source" -o "${source%.bpf.c}.o"
	llvm-strip -g "${source%.bpf.c}.o"
done

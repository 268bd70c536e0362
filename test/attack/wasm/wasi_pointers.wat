;; Descriptors that are not there, and buffers whose ends 32 bits do not hold: each call must give
;; its error and write nothing. Prints "ok" when all do.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\03\00\00\00")                  ;; a good iovec: "ok\n"
  (data (i32.const 16) "ok\n")
  (data (i32.const 32) "\f0\ff\ff\ff\20\00\00\00")                 ;; ends beyond 2^32
  (data (i32.const 40) "\f0\ff\00\00\ff\ff\ff\ff")                 ;; the same, begins in memory
  (data (i32.const 64) "../secret/etc/passwd")
  (data (i32.const 65528) "canaries")
  (func $want (param $got i32) (param $wanted i32) (param $number i32)
    (if (i32.ne (local.get $got) (local.get $wanted)) (then (call $exit (local.get $number)))))
  (func (export "_start")
    (call $want (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 128)) (i32.const 21) (i32.const 101))
    (call $want (call $write (i32.const 1) (i32.const 40) (i32.const 1) (i32.const 128)) (i32.const 21) (i32.const 102))
    (call $want (call $read (i32.const 0) (i32.const 32) (i32.const 1) (i32.const 128)) (i32.const 21) (i32.const 103))
    (call $want (call $write (i32.const 1) (i32.const 0xfffffff8) (i32.const 2) (i32.const 128)) (i32.const 21) (i32.const 104))
    (call $want (call $write (i32.const 1) (i32.const 0) (i32.const 0x20000001) (i32.const 128)) (i32.const 28) (i32.const 105))
    (call $want (call $random (i32.const 65528) (i32.const 0xfffffff0)) (i32.const 21) (i32.const 106))
    (call $want (call $sizes (i32.const 0xfffffffe) (i32.const 128)) (i32.const 21) (i32.const 107))
    (call $want (call $write (i32.const -1) (i32.const 0) (i32.const 1) (i32.const 128)) (i32.const 8) (i32.const 108))
    (call $want (call $write (i32.const 0x7fffffff) (i32.const 0) (i32.const 1) (i32.const 128)) (i32.const 8) (i32.const 109))
    (call $want (call $open (i32.const 1000000) (i32.const 0) (i32.const 64) (i32.const 9) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 128)) (i32.const 8) (i32.const 110))
    (if (i64.ne (i64.load (i32.const 65528)) (i64.const 0x7365697261_6e6163)) (then (call $exit (i32.const 111))))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 128)))))

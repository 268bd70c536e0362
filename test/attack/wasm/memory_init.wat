;; Copies from a passive segment that end behind it, or behind memory, by lengths and places that
;; 32 bits do not hold together. The last one traps; those before it are empty, or whole.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data $text "abcdefgh")
  (data (i32.const 65528) "canaries")
  (func (export "_start")
    (memory.init $text (i32.const 65536) (i32.const 8) (i32.const 0))
    (memory.init $text (i32.const 65520) (i32.const 0) (i32.const 8))
    (if (i64.ne (i64.load (i32.const 65528)) (i64.const 0x7365697261_6e6163)) (then (return)))
    (memory.init $text (i32.const 65528) (i32.const 0xfffffff8) (i32.const 16))))

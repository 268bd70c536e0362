;; A table that may not grow further, and copies in it whose places and lengths wrap in 32 bits.
(module
  (memory (export "memory") 1)
  (table $t 4 6 funcref)
  (elem declare func $f)
  (func $f)
  (func (export "_start")
    (if (i32.ne (table.grow $t (ref.func $f) (i32.const 3)) (i32.const -1)) (then (return)))
    (if (i32.ne (table.grow $t (ref.func $f) (i32.const -4)) (i32.const -1)) (then (return)))
    (if (i32.ne (table.grow $t (ref.func $f) (i32.const 2)) (i32.const 4)) (then (return)))
    (table.copy $t $t (i32.const 6) (i32.const 6) (i32.const 0))
    (table.copy $t $t (i32.const 2) (i32.const 0xfffffffe) (i32.const 4))))

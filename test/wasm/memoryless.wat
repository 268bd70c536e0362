;; VSP's own instructions, and a table that changes, in a module without memory.
(module
  (import "vsp" "vmap" (func $vmap (param i32 i32 i32 i32)))
  (table $t 4 funcref)
  (elem (i32.const 0) $set)
  (func $set (export "set") (table.set $t (i32.const 3) (ref.null func)))
  (func (export "copy") (param i32 i32 i32) (call $vmap (i32.const 7) (local.get 0) (local.get 1) (local.get 2))))

;; VSP's own instructions in a module whose memory lies above a table that changes.
(module
  (import "vsp" "vmap" (func $vmap (param i32 i32 i32 i32)))
  (import "vsp" "vred" (func $vred (param i32 i32 i32) (result i32)))
  (import "vsp" "gradb" (func $gradb (param i32 i32 i32)))
  (table $t 4 funcref)
  (elem (i32.const 0) $set)
  (memory 1 1)
  (data (i32.const 0) "\05\06")
  (func $set (export "set") (table.set $t (i32.const 3) (ref.null func)))
  (func (export "fold") (param i32 i32) (result i32) (call $vred (i32.const 4) (local.get 0) (local.get 1)))
  (func (export "copy") (param i32 i32 i32) (call $vmap (i32.const 7) (local.get 0) (local.get 1) (local.get 2)))
  (func (export "gradients") (param i32 i32 i32) (call $gradb (local.get 0) (local.get 1) (local.get 2))))

;; A program that imports a memory and a table of growing.wat, as large as they are when it starts.
(module
  (import "growing" "memory" (memory 2))
  (import "growing" "table" (table 2 funcref))
  (import "growing" "add_seven" (func $add_seven (param i32 i32)))
  (type $number (func (result i32)))
  (func (export "through") (param i32) (result i32) (call_indirect (type $number) (local.get 0)))
  (func (export "last") (result i32)
    (i32.store (i32.const 131068) (i32.const 5))
    (call $add_seven (i32.const 131060) (i32.const 3))
    (i32.load (i32.const 131068))))

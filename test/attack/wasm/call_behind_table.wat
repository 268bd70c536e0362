;; The same with an index whose place is behind the table, but in it when multiplied in 32 bits.
(module
  (type $one (func (param i64) (result i64)))
  (memory (export "memory") 1)
  (table 2 funcref)
  (elem (i32.const 0) $id $id)
  (func $id (type $one) (local.get 0))
  (func (export "_start") (local $i i32)
    (loop $again
      (drop (call_indirect (type $one) (i64.extend_i32_u (local.get $i)) (i32.load (i32.const 16))))
      (if (i32.gt_u (local.get $i) (i32.const 3000)) (then (i32.store (i32.const 16) (i32.const 0x40000000))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $again))))

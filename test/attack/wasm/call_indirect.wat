;; Calls through a table by an index that is in it but whose function is of another type, after
;; calls that are right. Which index is in memory, so that nothing is known of it.
(module
  (type $one (func (param i64) (result i64)))
  (type $two (func (param i64 i64) (result i64)))
  (memory (export "memory") 1)
  (table 2 funcref)
  (elem (i32.const 0) $id $add)
  (func $id (type $one) (local.get 0))
  (func $add (type $two) (i64.add (local.get 0) (local.get 1)))
  (func (export "_start") (local $i i32)
    (loop $again
      (drop (call_indirect (type $one) (i64.extend_i32_u (local.get $i)) (i32.load (i32.const 16))))
      (if (i32.gt_u (local.get $i) (i32.const 3000)) (then (i32.store (i32.const 16) (i32.const 1))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $again))))

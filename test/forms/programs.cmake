# Programs that together execute every form which the generated program leaves to others (forms.c,
# forms --left): every target of compiling ahead of time runs them, before its sample of the rest.
set(form_programs)
foreach(name
    batch_brackets
    batch_gradients
    batch_vmap
    batch_vmap_operations
    batch_vred
    control_brtab
    control_yield
    globals
    hint_every
    invoke_indirect
    invoke_table
    io_channels
    io_entangle
    io_sync
    io_without_input
    kernel_batch
    memory_grow
    mode_averages
    mode_changes
    mode_compat
    mode_maxima
    mode_truncate
    mode_xordem
    slots_begin_at_zero
    transform_trans
    trap_explicit
    trap_models_not_allowed
    trap_unsupported_port)
  list(APPEND form_programs ${CMAKE_CURRENT_SOURCE_DIR}/programs/${name}.sil)
endforeach()
foreach(name dot_product emergence gradient_descent pipeline)
  list(APPEND form_programs ${PROJECT_SOURCE_DIR}/examples/${name}.sil)
endforeach()
list(APPEND form_programs ${CMAKE_CURRENT_SOURCE_DIR}/wasi/hello.sil)

# vsp_sample_programs(LIST N): those programs, and every N-th of the list, or all of it.
macro(vsp_sample_programs list every)
  vsp_sample(${list} ${every})
  list(INSERT ${list} 0 ${form_programs})
  list(REMOVE_DUPLICATES ${list})
endmacro()

add_test(NAME forms.programs COMMAND sh -c "\"$0\" --left | \"$@\"" $<TARGET_FILE:forms> $<TARGET_FILE:executed>
  ${form_programs})

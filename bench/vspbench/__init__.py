"""The benchmark runner: build.py makes the programs, engines.py knows how each is started, one
module per section measures, and svg.py, tables.py show. Standard library only."""

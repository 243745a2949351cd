module dataops/bench/files

go 1.24

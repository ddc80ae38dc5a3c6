"""Public files of other people, read by our readers and by others', side by side: `make check-files`.

None of them is in the repository: they come out of packages, at pinned versions.
"""

//! JSON for programs: the same operations as the pages, shapes as CONTRACT.md fixes them.

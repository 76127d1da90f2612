//! Use cases, one file each, named by the verb. They decide; `store` remembers; `http` translates.

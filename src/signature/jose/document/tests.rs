mod added;
mod content;
mod forms;
mod header;
mod law;
mod made;

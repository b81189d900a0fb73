"""The data held of a person, through the declarations of all apps: shown, copied and erased."""

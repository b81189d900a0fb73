"""All writes about arrears: disputes, reminders, letters, hardship marks, notes of calls."""

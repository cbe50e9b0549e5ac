// MailKit has types of the same names; in this project the bare names mean ours.
global using MailFolder = Migrator.Core.Mail.MailFolder;
global using MessageSummary = Migrator.Core.Mail.MessageSummary;

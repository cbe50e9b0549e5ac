namespace Migrator.Core.Migrations;

/// <summary>One of the two mailboxes that are compared.</summary>
public enum MailEnd
{
    Source,
    Target,
}

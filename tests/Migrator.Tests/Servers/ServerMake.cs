namespace Migrator.Tests.Servers;

public enum ServerMake
{
    Dovecot,
    Cyrus,
    Courier,
    Mailutils,
    Hoodiecrow,
}

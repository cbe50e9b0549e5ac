namespace Migrator.Tests.Servers;

public enum ServerMake
{
    Dovecot,
    Cyrus,
    Courier,
    Mailutils,
    Hoodiecrow,

    /// <summary>Simulated: no Courier of today lacks UIDPLUS or keywords.</summary>
    OldCourier,

    /// <summary>Simulated, with a lower limit of messages in a command.</summary>
    Yahoo,
}

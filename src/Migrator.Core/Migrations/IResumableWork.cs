using Migrator.Core.Failures;

namespace Migrator.Core.Migrations;

/// <summary>A piece of work that can be taken up again.</summary>
internal interface IResumableWork
{
    /// <summary>Changes whenever something durable was achieved.</summary>
    long ProgressVersion { get; }

    /// <summary>It has ended the connection again and again, and the servers are there.</summary>
    /// <returns>Whether what is to blame is left out from now on, so that the rest can be tried; false where the run cannot continue
    /// without it. Asked to do the work again, it does what is left.</returns>
    bool GiveUp(MailException loss) => false;
}

using Migrator.Core.Mail;

namespace Migrator.Mail.Pop3;

/// <summary>A message that a UID map knows by its unique id.</summary>
internal sealed class KnownMessage(Uid uid)
{
    public Uid Uid => uid;

    /// <summary>What the server listed as its size; none in UID maps of earlier versions.</summary>
    public HashSet<long> Sizes { get; } = [];

    public int TimesGone { get; set; }

    public int TimesBack { get; set; }

    /// <summary>It was, or was about to be, deleted by us.</summary>
    public bool Leaving { get; set; }

    /// <summary>It was missing from a listing: a server may have given its unique id again (RFC 1939, section 7).</summary>
    public bool WasGone => Leaving || TimesGone > TimesBack;
}

namespace Migrator.Files.Mbox;

/// <summary>Who writes a separator line like this.</summary>
internal enum SeparatorKind
{
    /// <summary>Nobody that is known: most likely text.</summary>
    None,

    /// <summary>This program: every line that is not quoted is one.</summary>
    Own,

    /// <summary><c>From </c> and nothing else: Thunderbird today.</summary>
    Bare,

    /// <summary><c>From - Tue Mar  3 09:10:11 2015</c>: Thunderbird and Netscape before.</summary>
    Dash,

    /// <summary><c>From 1500000000000000000@xxx Tue Mar 03 08:10:11 +0000 2015</c>: Google Takeout.</summary>
    Gmail,

    /// <summary><c>From ann@example.org Tue Mar  3 09:10:11 2015</c>: everybody else.</summary>
    Dated,
}

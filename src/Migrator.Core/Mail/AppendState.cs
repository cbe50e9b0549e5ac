namespace Migrator.Core.Mail;

/// <summary>Whether a message that was to be appended is at the target.</summary>
public enum AppendState
{
    /// <summary>It is not there, for certain: it was not sent, or it was answered by a refusal that concerns the connection or the folder
    /// and not this message. Send it again once the interruption is over.</summary>
    NotSent,

    /// <summary>The server answered OK.</summary>
    Stored,

    /// <summary>The server refused this message; it is not there.</summary>
    Refused,

    /// <summary>One answer refused it together with others (MULTIAPPEND); any of them may be to blame. None of them should be there (RFC
    /// 3502), but some servers keep those that came before the one they refuse: look before sending it again.</summary>
    RefusedTogether,

    /// <summary>It was sent, at least in part, and not answered for. It may be there, and it may still arrive: look before sending it
    /// again.</summary>
    Unknown,
}

using System.Reflection;

namespace Migrator.Core.Failures;

/// <summary>How far a failure reaches: what is given up because of it.</summary>
public enum FailureScope
{
    Message,
    Folder,
    Mailbox,

    /// <summary>The connection is gone; a new one may do.</summary>
    Session,

    /// <summary>Nothing can be done at this server with these settings.</summary>
    Server,
}

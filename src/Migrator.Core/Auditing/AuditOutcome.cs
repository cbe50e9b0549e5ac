namespace Migrator.Core.Auditing;

/// <summary>What became of an act.</summary>
public static class AuditOutcome
{
    /// <summary>It is about to be done. Where nothing follows, its process ended before it could say more.</summary>
    public const string Begun = "begun";

    public const string Done = "done";

    /// <summary>Done, but not all of it.</summary>
    public const string Incomplete = "incomplete";

    public const string Failed = "failed";

    public const string Refused = "refused";

    /// <summary>Asked to stop on the way.</summary>
    public const string Stopped = "stopped";
}

namespace Migrator.Core.Discovery;

/// <summary>How a source answered.</summary>
public enum DiscoveryNoteKind
{
    /// <summary>It knows nothing of the domain.</summary>
    Nothing,

    /// <summary>It did not answer, or only that it failed: it may know something.</summary>
    Failed,

    /// <summary>Its answer is not as it should be, and was left out.</summary>
    Refused,

    /// <summary>It names no server, and yet it helps.</summary>
    Hint,
}

/// <summary>Their names.</summary>
public static class DiscoveryNoteKindNames
{
    /// <summary>As programs read it; never renamed.</summary>
    public static string Name(this DiscoveryNoteKind kind) =>
        kind switch
        {
            DiscoveryNoteKind.Nothing => "nothing",
            DiscoveryNoteKind.Failed => "failed",
            DiscoveryNoteKind.Refused => "refused",
            _ => "hint",
        };
}

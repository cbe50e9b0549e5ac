namespace Migrator.Core.Progress;

/// <summary>Hears of what goes wrong during a run when it happens. Reasons are codes.</summary>
internal interface IRunObserver
{
    void MessagesFailed(string reason, long count);

    void FolderFailed(string reason);

    /// <summary>A pause before a server is tried again.</summary>
    void BackedOff(string reason);
}

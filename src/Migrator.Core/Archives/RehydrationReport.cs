namespace Migrator.Core.Archives;

/// <param name="Needed">Blobs that are needed.</param>
/// <param name="NeededBytes">In them.</param>
/// <param name="Asked">Those that were offline and were asked for now; in a dry run, would be.</param>
/// <param name="AskedBytes">In them.</param>
/// <param name="Returning">Those that had been asked for before and are not back yet.</param>
/// <param name="ReturningBytes">In them.</param>
public sealed record RehydrationReport(
    string Archive,
    bool DryRun,
    int Needed,
    long NeededBytes,
    int Asked,
    long AskedBytes,
    int Returning,
    long ReturningBytes
)
{
    /// <summary>Everything can be read.</summary>
    public bool IsReady => Asked == 0 && Returning == 0;
}

using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Telemetry;

namespace Migrator.App.Progress;

/// <summary>One folder of a <see cref="RunState"/>.</summary>
/// <param name="Target">Null for a folder left out by rule.</param>
/// <param name="Expected">Messages; at least <see cref="Done"/>.</param>
/// <param name="Bytes">Moved so far.</param>
public sealed record FolderStatus(FolderPath Source, FolderPath? Target, FolderPhase Phase, MessageCounts Counts, long Expected, long Bytes)
{
    public long Done => Counts.Found - Counts.Remaining;

    public static FolderStatus Of(FolderProgress folder)
    {
        var phase = folder.Phase;
        var counts = folder.Counts;
        // A verify delivers nothing, and a run may be far ahead in reading: the larger says what was moved.
        return new(
            folder.Source,
            folder.Target,
            phase,
            counts,
            Math.Max(folder.Expected, counts.Found),
            Math.Max(counts.DeliveredBytes, folder.CapturedBytes)
        );
    }
}

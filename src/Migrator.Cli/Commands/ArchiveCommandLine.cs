using System.CommandLine;

namespace Migrator.Cli.Commands;

/// <summary>What can be typed about archives.</summary>
internal static class ArchiveCommandLine
{
    public static Command Archive() =>
        new("archive", "Create, inspect, check and prune archives.")
        {
            ArchiveMaintenanceCommandLine.Init(),
            ArchiveBrowseCommandLine.Snapshots(),
            ArchiveBrowseCommandLine.List(),
            ArchiveBrowseCommandLine.Find(),
            ArchiveBrowseCommandLine.Cat(),
            ArchiveBrowseCommandLine.Stats(),
            ArchiveMaintenanceCommandLine.Check(),
            ArchiveMaintenanceCommandLine.Repair(),
            ArchiveMaintenanceCommandLine.Prune(),
            UpkeepCommand.Create(),
            ArchiveMaintenanceCommandLine.AcceptShrunk(),
            ArchiveKeyCommandLine.Key(),
            ArchiveMaintenanceCommandLine.ControlStore(),
            ArchiveMaintenanceCommandLine.Rehydrate(),
        };
}

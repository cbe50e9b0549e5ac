using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Xunit;

namespace Migrator.Tests.Migrations;

/// <summary>Compares what a check foretold with what a run then did: folder by folder, number by number.</summary>
public static class Forecasts
{
    public static void ShouldForetell(this Preflight preflight, RunReport report)
    {
        ShouldForetell(preflight.Folders, report);
        var leftOut = report.Folders.Where(folder => folder.Target is null).Select(folder => folder.Source);
        Assert.Equal(preflight.Plan.Excluded.Select(folder => folder.Path), leftOut);
        Assert.Equal(preflight.LeavesMessages, report.Outcome != RunOutcome.Complete);
    }

    private static void ShouldForetell(IReadOnlyList<FolderForecast> folders, RunReport report)
    {
        var copied = report.Folders.Where(folder => folder.Target is not null).Select(folder => (folder.Source, folder.Target!));
        Assert.Equal(folders.Select(folder => (folder.Source, folder.Target)), copied);
        foreach (var forecast in folders)
        {
            var (counts, where) = (report.Folders.Single(folder => folder.Source == forecast.Source).Counts, forecast.ToString());
            Assert.True(forecast.Listed == counts.Found, $"{where}: found {counts}");
            Assert.True(forecast.TooLarge.Messages == counts.Failed, $"{where}: failed {counts}");
            Assert.True(forecast.RemovedAtTarget == counts.Vanished, $"{where}: removed {counts}");
            var atTarget = forecast.ToCopy.Messages + forecast.Copied.Messages;
            Assert.True(atTarget == counts.Delivered + counts.AlreadyThere, $"{where}: at the target {counts}");
            Assert.InRange(counts.Delivered, forecast.ToCopy.Messages - forecast.MayBeThere, forecast.ToCopy.Messages);
            if (forecast.MayBeThere == 0)
                Assert.True(forecast.ToCopy.Bytes == counts.DeliveredBytes, $"{where}: bytes {counts}");
        }
    }
}

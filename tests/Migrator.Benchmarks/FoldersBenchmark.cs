using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>A mailbox of very many folders, of which one in ten has a message: what each command takes should grow no faster than their
/// number, and a run with nothing new should cost little more than the listing.</summary>
internal sealed class FoldersBenchmark(DovecotServer source, DovecotServer target)
{
    private const int FoldersOfAMessage = 10;
    private const int News = 10;

    public async Task RunAsync(IReadOnlyList<int> counts)
    {
        foreach (var count in counts)
        {
            await MeasureAsync(count);
            Console.WriteLine();
        }
    }

    private async Task MeasureAsync(int folders)
    {
        var (old, @new) = ($"old{folders}", $"new{folders}");
        await SampleMailbox.FillFoldersAsync(source, old, folders / FoldersOfAMessage, folders, FoldersOfAMessage);
        await using var from = new Link(source, TimeSpan.Zero);
        await using var to = new Link(target, TimeSpan.Zero);
        using var directory = new Scratch();
        var archive = Path.Combine(directory.Path, "archive");
        var copy = new MigratorRun(await MigratorRun.WriteJobAsync(directory.Path, from, old, to, @new), directory.Path);
        var backup = new MigratorRun(
            await MigratorRun.WriteBackupJobAsync(directory.Path, source, old, $"\"location\": \"{archive}\""),
            directory.Path
        );

        var table = new UsageTable(FormattableString.Invariant($"{folders:N0} folders"));
        table.Add("check, nothing copied", await copy.TimeAsync("check"));
        table.Add("first copy", await copy.TimeAsync("run"));
        table.Add("nothing new", await copy.TimeAsync("run"));
        await SampleMailbox.AddToFoldersAsync(source, old, News, folders);
        table.Add("10 new", await copy.TimeAsync("run"));
        table.Add("verify", await copy.TimeAsync("verify"));
        await backup.TimeAsync("archive", "init");
        table.Add("first backup", await backup.TimeAsync("run"));
        table.Add("backup, nothing new", await backup.TimeAsync("run"));
        await SampleMailbox.AddToFoldersAsync(source, old, News, folders);
        table.Add("backup, 10 new", await backup.TimeAsync("run"));
        table.Add("verify of the backup", await backup.TimeAsync("verify"));
        table.Add("check of the archive", await MigratorRun.TimeAsync(directory.Path, ["archive", "check", archive]));
        table.Add("restore", await MigratorRun.TimeAsync(directory.Path, MigratorRun.Restore(archive, target, $"restored{folders}")));
    }
}

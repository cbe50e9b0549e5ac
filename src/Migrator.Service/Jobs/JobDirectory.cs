using System.Threading.Channels;
using Migrator.App.Jobs;

namespace Migrator.Service.Jobs;

/// <summary>Keeps the <see cref="JobCatalogue"/> as the job files are, while the worker runs.</summary>
public sealed partial class JobDirectory(JobFiles files, TimeProvider time, ILogger<JobDirectory> logger) : BackgroundService
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(30);

    // Editors and copying write in several steps.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(500);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var watch = new FileWatch(() => _changes.Writer.TryWrite(true));
        string? unwatched = null;
        try
        {
            while (true)
            {
                // Watched first, so that no change falls between; what is watched may be others after reading.
                watch.Watch(files.Watched);
                Read();
                var failure = watch.Watch(files.Watched);
                if (failure is not null && failure != unwatched)
                    NotWatched((int)s_poll.TotalSeconds, failure);
                unwatched = failure;
                if (await ChangedAsync(s_poll, stoppingToken))
                    for (var steps = 0; steps < 10 && await ChangedAsync(s_quiet, stoppingToken); steps++) { }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    /// <summary>An edge: whatever the files do to their reader, the service continues with the jobs that it knows, and looks
    /// again.</summary>
    private void Read()
    {
        try
        {
            files.Read();
        }
        catch (Exception exception)
        {
            NotRead(exception);
        }
    }

    /// <returns>False where nothing happened for so long.</returns>
    private async Task<bool> ChangedAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await _changes.Reader.ReadAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(2126, LogLevel.Error, "The job files cannot be read. Jobs stay as they were. Please report this")]
    private partial void NotRead(Exception exception);

    [LoggerMessage(
        2125,
        LogLevel.Information,
        "Not all directories of job files can be watched; changes are looked for every {Seconds} s: {Why}"
    )]
    private partial void NotWatched(int seconds, string why);
}

using System.Text.Json;
using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;
using Migrator.Storage.Blobs.Files;

namespace Migrator.Storage.Archives;

/// <summary>Remembers the last snapshots in small files of the state directory, one a mailbox.</summary>
public sealed class ArchiveMemory(string state) : IArchiveMemory
{
    public async Task<SeenSnapshot?> LastAsync(Guid archive, string mailbox, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(Place(archive, mailbox));
            return await JsonSerializer.DeserializeAsync<SeenSnapshot>(file, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is DirectoryNotFoundException or FileNotFoundException or JsonException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed(archive, mailbox, exception);
        }
    }

    public async Task<IReadOnlyDictionary<string, SeenSnapshot>> AllAsync(Guid archive, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, SeenSnapshot>();
        var directory = Path.GetDirectoryName(Place(archive, "any"))!;
        foreach (var file in Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*.json") : [])
        {
            var mailbox = Path.GetFileNameWithoutExtension(file);
            if (await LastAsync(archive, mailbox, cancellationToken).ConfigureAwait(false) is { } seen)
                all[mailbox] = seen;
        }
        return all;
    }

    public async Task SawAsync(Guid archive, string mailbox, SeenSnapshot snapshot, CancellationToken cancellationToken)
    {
        var place = Place(archive, mailbox);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            var temporary = $"{place}.{Guid.NewGuid():n}";
            await File.WriteAllBytesAsync(temporary, JsonSerializer.SerializeToUtf8Bytes(snapshot), cancellationToken).ConfigureAwait(false);
            File.Move(temporary, place, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed(archive, mailbox, exception);
        }
    }

    public Task ForgetAsync(Guid archive, string mailbox, CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(Place(archive, mailbox));
            return Task.CompletedTask;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed(archive, mailbox, exception);
        }
    }

    private string Place(Guid archive, string mailbox) => Path.Combine(state, "archives", archive.ToString("n"), $"{mailbox}.json");

    private StorageException Failed(Guid archive, string mailbox, Exception exception) => new(Reason.SpoolFailed, $"{Place(archive, mailbox)}: {exception.Message}", exception);
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Storage.Blobs.Files;

namespace Migrator.Storage.Archives;

/// <summary>Remembers the last snapshots and the key in small files of the state directory, one a mailbox.</summary>
public sealed class ArchiveMemory(string state) : IArchiveMemory
{
    // No mailbox is called so: their names are hexadecimal.
    private const string Key = "key";

    public Task<SeenSnapshot?> LastAsync(Guid archive, string mailbox, CancellationToken cancellationToken) =>
        ReadAsync(archive, mailbox, ArchiveMemoryJson.Default.SeenSnapshot, cancellationToken);

    public Task<SeenKey?> KeyAsync(Guid archive, CancellationToken cancellationToken) =>
        ReadAsync(archive, Key, ArchiveMemoryJson.Default.SeenKey, cancellationToken);

    public Task SawAsync(Guid archive, string mailbox, SeenSnapshot snapshot, CancellationToken cancellationToken) =>
        WriteAsync(archive, mailbox, snapshot, ArchiveMemoryJson.Default.SeenSnapshot, cancellationToken);

    public Task SawKeyAsync(Guid archive, SeenKey key, CancellationToken cancellationToken) =>
        WriteAsync(archive, Key, key, ArchiveMemoryJson.Default.SeenKey, cancellationToken);

    public async Task<IReadOnlyDictionary<string, SeenSnapshot>> AllAsync(Guid archive, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, SeenSnapshot>();
        var directory = Path.GetDirectoryName(Place(archive, "any"))!;
        foreach (var file in Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*.json") : [])
        {
            var mailbox = Path.GetFileNameWithoutExtension(file);
            if (mailbox != Key && await LastAsync(archive, mailbox, cancellationToken) is { } seen)
                all[mailbox] = seen;
        }
        return all;
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

    private Task<T?> ReadAsync<T>(Guid archive, string name, JsonTypeInfo<T> json, CancellationToken cancellationToken)
        where T : class => Task.Run(() => Read(archive, name, json), cancellationToken);

    private T? Read<T>(Guid archive, string name, JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(InputFile.ReadAll(Place(archive, name), InputFile.MostOfSettings), json);
        }
        catch (Exception exception) when (exception is DirectoryNotFoundException or FileNotFoundException or JsonException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed(archive, name, exception);
        }
    }

    private Task WriteAsync<T>(Guid archive, string name, T value, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        Task.Run(() => Write(archive, name, value, json), cancellationToken);

    private void Write<T>(Guid archive, string name, T value, JsonTypeInfo<T> json)
    {
        var place = Place(archive, name);
        try
        {
            PrivateFiles.CreateDirectory(Path.GetDirectoryName(place)!);
            var temporary = $"{place}.{Guid.NewGuid():n}";
            PrivateFiles.Write(temporary, JsonSerializer.SerializeToUtf8Bytes(value, json));
            File.Move(temporary, place, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed(archive, name, exception);
        }
    }

    private string Place(Guid archive, string mailbox) => Path.Combine(state, "archives", archive.ToString("n"), $"{mailbox}.json");

    private StorageException Failed(Guid archive, string mailbox, Exception exception) =>
        new(Reason.SpoolFailed, $"{Place(archive, mailbox)}: {exception.Message}", exception);
}

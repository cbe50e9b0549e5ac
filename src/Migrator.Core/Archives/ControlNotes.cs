using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Notes in the side that others must not be able to make up: anyone who can write there but has no key could otherwise say that a
/// mailbox was proved restorable, or that its loss was accepted. One that was removed or changed counts as never written, and so does one
/// that was copied to another name.</summary>
internal static class ControlNotes
{
    private const long Most = 16 << 20;

    /// <param name="Note">JSON, as text: the seal is over exactly these bytes.</param>
    internal sealed record Sealed(string Note, string Seal);

    public static Task WriteAsync<T>(Archive archive, string name, T note, CancellationToken cancellationToken)
    {
        var text = Encoding.UTF8.GetString(ArchiveJson.Write(note));
        return archive.ControlStore.ReplaceAsync(
            name,
            ArchiveJson.Write(new Sealed(text, Convert.ToHexStringLower(Seal(archive, name, text)))),
            cancellationToken
        );
    }

    /// <returns>Null where there is none that counts.</returns>
    public static async Task<T?> ReadAsync<T>(Archive archive, string name, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var content = new MemoryStream();
            await using (var stream = await archive.ControlStore.OpenAsync(name, 0, Most, cancellationToken))
                await stream.CopyToAsync(content, cancellationToken);
            var found = ArchiveJson.Read<Sealed>(content.ToArray());
            return
                found is { Note: { } note, Seal: { } seal }
                && CryptographicOperations.FixedTimeEquals(Convert.FromHexString(seal), Seal(archive, name, note))
                ? ArchiveJson.Read<T>(Encoding.UTF8.GetBytes(note))
                : null;
        }
        catch (StorageException exception) when (exception.Reason == Reason.BlobMissing)
        {
            return null;
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException)
        {
            return null;
        }
    }

    private static byte[] Seal(Archive archive, string name, string note) =>
        archive.Keys.SealNote(Encoding.UTF8.GetBytes($"{archive.Format.Id:n}\n{name}\n{note}"));
}

namespace Migrator.Core.Blobs;

/// <summary>The names that every <see cref="IBlobStore"/> takes. So few characters because a name is a path on some stores and a
/// part of a URL on others, and must come out of a listing as it went in; no upper case because some disks cannot tell it apart.</summary>
public static class BlobName
{
    public const int MaxLength = 200;

    public static bool IsValid(string name) => IsPrefix(name) && name.Length > 0 && name[^1] != '/';

    /// <exception cref="ArgumentException">No name of a blob: a mistake in the program, never one of a user.</exception>
    public static void Require(string name)
    {
        if (!IsValid(name))
            throw new ArgumentException($"\"{name}\" is not a valid blob name.", nameof(name));
    }

    /// <exception cref="ArgumentException">No name of a blob begins like this.</exception>
    public static void RequirePrefix(string prefix)
    {
        if (!IsPrefix(prefix))
            throw new ArgumentException($"No blob name begins with \"{prefix}\".", nameof(prefix));
    }

    private static bool IsPrefix(string text)
    {
        if (text.Length > MaxLength)
            return false;
        var atStart = true;
        foreach (var character in text)
        {
            // A part that begins with a dot would be ".." or a hidden file; an empty one would vanish from a path.
            if (atStart && (character is '.' or '/'))
                return false;
            if (character is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '_' or '-' or '/'))
                return false;
            atStart = character == '/';
        }
        return true;
    }
}

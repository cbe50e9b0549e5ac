using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Migrator.Core.Files;

/// <summary>Access control lists that name the current user and take nothing over from the directory above.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsRights
{
    // Administrators and the system reach everything anyway, as root does on Unix.
    private static readonly SecurityIdentifier[] s_everywhere =
    [
        new(WellKnownSidType.LocalSystemSid, null),
        new(WellKnownSidType.BuiltinAdministratorsSid, null),
    ];

    private static SecurityIdentifier User
    {
        get
        {
            using var identity = WindowsIdentity.GetCurrent();
            return identity.User ?? throw new UnauthorizedAccessException("The current user has no identity.");
        }
    }

    public static void CreateDirectory(string path) => new DirectoryInfo(path).Create(OfDirectory());

    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share, int bufferSize, FileOptions options)
    {
        // In two steps: a stream that was created with a list does not know the name of its file.
        try
        {
            if (mode == FileMode.CreateNew || !File.Exists(path))
                new FileInfo(path)
                    .Create(FileMode.CreateNew, FileSystemRights.Write, FileShare.ReadWrite, 4096, FileOptions.None, OfFile())
                    .Dispose();
        }
        catch (IOException) when (mode != FileMode.CreateNew && File.Exists(path))
        {
            // Another process was faster.
        }
        return new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = access,
                Share = share,
                BufferSize = bufferSize,
                Options = options,
            }
        );
    }

    /// <returns>False where it was private.</returns>
    public static bool Tighten(string path, EntryKind kind)
    {
        if (kind == EntryKind.Directory)
        {
            var directory = new DirectoryInfo(path);
            if (IsPrivate(directory.GetAccessControl(AccessControlSections.Access)))
                return false;
            directory.SetAccessControl(OfDirectory());
            return true;
        }
        var file = new FileInfo(path);
        if (IsPrivate(file.GetAccessControl(AccessControlSections.Access)))
            return false;
        file.SetAccessControl(OfFile());
        return true;
    }

    private static bool IsPrivate(FileSystemSecurity security)
    {
        var user = User;
        return security
            .GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier))
            .Cast<FileSystemAccessRule>()
            .Where(rule => rule.AccessControlType == AccessControlType.Allow)
            .All(rule => rule.IdentityReference is SecurityIdentifier identity && (identity == user || s_everywhere.Contains(identity)));
    }

    private static DirectorySecurity OfDirectory()
    {
        var security = new DirectorySecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        security.AddAccessRule(
            new FileSystemAccessRule(
                User,
                FileSystemRights.FullControl,
                InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit,
                PropagationFlags.None,
                AccessControlType.Allow
            )
        );
        return security;
    }

    private static FileSecurity OfFile()
    {
        var security = new FileSecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        security.AddAccessRule(new FileSystemAccessRule(User, FileSystemRights.FullControl, AccessControlType.Allow));
        return security;
    }
}

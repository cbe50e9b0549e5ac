using System.Text;
using Migrator.Core.Identity;
using Migrator.Storage.Logins;

namespace Migrator.Tests.Identity;

/// <summary>Where logins are stored.</summary>
internal static class TestLogins
{
    private static readonly byte[] s_key = Encoding.ASCII.GetBytes("key of the logins of a test");

    /// <summary>For what has none.</summary>
    public static ILoginStore None { get; } =
        LoginStore.Create(() => throw new InvalidOperationException("Nobody logs in here."), "", () => s_key, TimeProvider.System);

    public static ILoginStore In(DirectoryInfo directory, string? key = null) =>
        LoginStore.Create(
            () => null,
            Path.Combine(directory.FullName, "logins"),
            () => key is null ? s_key : Encoding.ASCII.GetBytes(key),
            TimeProvider.System
        );
}

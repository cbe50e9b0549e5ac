using Migrator.Tests.Telemetry;

namespace Migrator.Tests.Architecture;

/// <summary>The code of the repository, without what compilers made.</summary>
internal static class SourceFiles
{
    /// <returns>Names from the root of the repository, with <c>/</c>.</returns>
    public static IEnumerable<(string Name, string Path)> All()
    {
        var root = Docs.Path("..");
        return from folder in new[] { "src", "tests" }
            from path in Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories)
            let name = Path.GetRelativePath(root, path).Replace('\\', '/')
            where !name.Split('/').Any(part => part is "bin" or "obj")
            select (name, path);
    }
}

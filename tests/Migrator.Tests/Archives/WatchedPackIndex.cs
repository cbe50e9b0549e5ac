using System.Reflection;
using Migrator.Core.Archives;

namespace Migrator.Tests.Archives;

/// <summary>An index that notes which blobs it is to forget.</summary>
public class WatchedPackIndex : DispatchProxy
{
    private readonly MemoryPackIndex _index = new();

    public List<string> Removed { get; } = [];

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IPackIndex.Remove))
            Removed.AddRange((IReadOnlyCollection<string>)args![0]!);
        return targetMethod.Invoke(_index, args);
    }
}

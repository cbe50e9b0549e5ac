namespace Migrator.Discovery.Dns;

/// <summary>The order in which the targets of SRV records are to be tried (RFC 2782).</summary>
internal static class WeightedOrder
{
    /// <summary>The lowest priority first; among equals, by chance in proportion to their weight.</summary>
    public static IReadOnlyList<ServiceTarget> Of(IEnumerable<ServiceTarget> targets, Random random) =>
        [.. targets.GroupBy(target => target.Priority).OrderBy(group => group.Key).SelectMany(group => Chosen([.. group], random))];

    private static IEnumerable<ServiceTarget> Chosen(List<ServiceTarget> left, Random random)
    {
        // Those of weight 0 come first, so that they have a chance at all.
        left = [.. left.OrderBy(target => target.Weight > 0)];
        while (left.Count > 0)
        {
            var at = random.Next(left.Sum(target => target.Weight) + 1);
            var index = 0;
            for (var sum = left[0].Weight; sum < at; sum += left[index].Weight)
                index++;
            yield return left[index];
            left.RemoveAt(index);
        }
    }
}

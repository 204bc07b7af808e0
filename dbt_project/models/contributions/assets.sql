{{ contributions(ref('int_collective_asset')) }}
